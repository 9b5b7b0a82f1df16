"""What the book asks, and how it answers: quizzes, exercises, checks."""
