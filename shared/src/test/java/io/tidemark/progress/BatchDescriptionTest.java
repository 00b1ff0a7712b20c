package io.tidemark.progress;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class BatchDescriptionTest {

  @Test
  void shouldHoldItsLowerAndNotItsUpper() {
    BatchDescription range = new BatchDescription(Antichain.of(3), Antichain.of(5));
    assertFalse(range.contains(2));
    assertTrue(range.contains(3));
    assertTrue(range.contains(4));
    assertFalse(range.contains(5));
    assertFalse(range.isEmpty());
    assertEquals("[{3}, {5})", range.toString());
  }

  @Test
  void shouldReachToTheEndOfTimeUnderAnEmptyUpper() {
    BatchDescription range = new BatchDescription(Antichain.of(3), Antichain.empty());
    assertTrue(range.contains(3));
    assertTrue(range.contains(Antichain.MAX_TIME));
    assertFalse(range.contains(2));
    assertFalse(range.isEmpty());
  }

  @Test
  void shouldHoldNothingBetweenAFrontierAndItself() {
    BatchDescription range = new BatchDescription(Antichain.of(3), Antichain.of(3));
    assertTrue(range.isEmpty());
    assertFalse(range.contains(3));
    BatchDescription sealed = new BatchDescription(Antichain.empty(), Antichain.empty());
    assertTrue(sealed.isEmpty());
    assertFalse(sealed.contains(0));
    assertFalse(sealed.contains(Antichain.MAX_TIME));
  }

  @Test
  void shouldRefuseALowerPastItsUpper() {
    assertThrows(
        IllegalArgumentException.class,
        () -> new BatchDescription(Antichain.of(5), Antichain.of(3)));
    assertThrows(
        IllegalArgumentException.class,
        () -> new BatchDescription(Antichain.empty(), Antichain.of(Long.MAX_VALUE)));
  }
}
