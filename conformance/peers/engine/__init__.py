"""A small Signal: one thread, no device, no plugins. Between two blocks it handles messages, so every change is at a block boundary."""
