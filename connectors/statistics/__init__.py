"""Where are the statistics kept, and how are they shown? File, view, exports, yearly report."""
