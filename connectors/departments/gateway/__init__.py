"""HTTP for departments without Kafka, and the page that a scan opens (design §3.6)."""
