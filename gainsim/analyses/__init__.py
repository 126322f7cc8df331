"""What is asked of an offer beside what it comes to: the same futures, looked at or changed."""
