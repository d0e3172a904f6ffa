"""What happens, in order: the use cases between the wings that ask and the store that keeps."""
