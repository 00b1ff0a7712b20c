package io.tidemark.write;

import io.tidemark.protocol.RefusedException;

/** Who waits for the outcome of a message. Exactly one of its methods is called, once. */
interface Answer<T> {

  void done(T result);

  void refuse(RefusedException refusal);
}
