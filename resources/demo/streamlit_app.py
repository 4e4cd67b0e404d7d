"""A small dashboard that shows what an app on Holdfast can do."""

from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import streamlit as st

st.set_page_config(page_title="Workshop orders", page_icon="⚒")
st.title("Workshop orders")
st.caption("The demo app of Holdfast: isolated, on an encrypted volume, served over TLS.")

weeks = st.slider("Weeks shown", 4, 52, 12)
days = [date.today() - timedelta(weeks=week) for week in range(weeks)][::-1]
orders = pd.DataFrame({"orders": [20 + (week * 7) % 13 for week in range(weeks)]}, index=days)
st.bar_chart(orders)

left, right = st.columns(2)
left.metric("Orders", int(orders["orders"].sum()))
right.metric("A week", f"{orders['orders'].mean():.1f}")

# what is written to /data stays, encrypted, through every release
visits = Path("/data/visits.txt")
if "counted" not in st.session_state and visits.parent.exists():
    st.session_state.counted = int(visits.read_text() or 0) + 1 if visits.exists() else 1
    visits.write_text(str(st.session_state.counted))
st.write(f"Visits so far: {st.session_state.get('counted', 0)}")

if uploaded := st.file_uploader("Look at a table (CSV)", type="csv"):
    st.dataframe(pd.read_csv(uploaded).head(50))

st.write("A greeting from the secrets:", st.secrets.get("greeting", "none has been set"))
