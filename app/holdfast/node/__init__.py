"""What runs on a node: each container as a pure payload, and the conversation with it."""
