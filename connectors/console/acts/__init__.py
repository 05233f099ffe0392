"""What does the hub do? One day of a district, played in acts."""
