"""From a special inspection's list to a department's tasks, by command and over HTTP."""
