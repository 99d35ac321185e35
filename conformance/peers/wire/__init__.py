"""What every peer needs: the compiled model, envelopes and frames, read from protocol/ alone."""
