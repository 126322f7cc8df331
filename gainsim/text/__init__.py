"""What the terminal shows: tables and sentences, a module for each command or part of a page."""
