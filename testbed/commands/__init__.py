"""What each command does; heavy imports stand inside the functions, so that ``--help`` answers at once."""
