package io.tidemark.write;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.protocol.FailureCode;
import io.tidemark.protocol.RefusedException;

/** Waits for the outcome of a message, and sees to it that there is one only. */
final class Outcome<T> implements Answer<T> {

  private T result;
  private RefusedException refusal;

  @Override
  public void done(T value) {
    assertFalse(isThere(), "it was answered before");
    result = value;
  }

  @Override
  public void refuse(RefusedException refused) {
    assertFalse(isThere(), "it was answered before");
    refusal = refused;
  }

  boolean isThere() {
    return result != null || refusal != null;
  }

  T result() {
    assertEquals(null, refusal);
    assertTrue(result != null, "there is no answer yet");
    return result;
  }

  void assertRefused(FailureCode code, String text) {
    assertTrue(refusal != null, "it was not refused: " + result);
    assertEquals(code, refusal.code(), refusal.getMessage());
    assertTrue(refusal.getMessage().contains(text), refusal.getMessage());
  }
}
