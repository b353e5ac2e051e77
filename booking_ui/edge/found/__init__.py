"""Answers for search engines and chats: the list of pages, and the head and facts of a doctor's page."""
