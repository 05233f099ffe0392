"""Is an environment fit to run the hub in? Facts are gathered, then judged, each by itself."""
