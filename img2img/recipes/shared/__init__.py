"""What several recipes share: phases, encoders, several critics, what is shown of held-out pictures."""
