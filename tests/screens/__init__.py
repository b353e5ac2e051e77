"""Pictures of every page and of every state that matters, for people to look at."""
