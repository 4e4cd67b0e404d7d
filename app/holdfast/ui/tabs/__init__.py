"""The tabs of an app's page; none knows another."""
