"""Which shape has what is asked and told of contacts? One module for each thing that an answer is about."""
