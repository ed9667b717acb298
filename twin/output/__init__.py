"""What a finished run gives away: frames, Parquet, and pictures of what its stations and stocks did."""
