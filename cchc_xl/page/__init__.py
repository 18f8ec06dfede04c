"""One page to look at in a browser: the round at a glance, whole in one file, nothing loaded from anywhere."""
