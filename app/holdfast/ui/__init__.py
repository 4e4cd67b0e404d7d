"""The window: screens, widgets, and the bridge where threads meet Qt."""
