"""Terms: what was agreed, each as steps in the vocabulary. No randomness in here: terms see facts."""
