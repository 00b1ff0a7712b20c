package io.tidemark.progress;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

/** The laws of the order of frontiers, over all pairs and triples of frontiers on its edges. */
class AntichainTest {

  /** In ascending order. */
  private static final List<Antichain> ASCENDING =
      List.of(
          Antichain.minimum(),
          Antichain.of(1),
          Antichain.of(2),
          Antichain.of(Integer.MAX_VALUE),
          Antichain.of(1L << 32),
          Antichain.of(Antichain.MAX_TIME),
          Antichain.of(Long.MAX_VALUE),
          Antichain.empty());

  private static final List<Long> TIMES =
      List.of(0L, 1L, 2L, 3L, 1L << 32, Antichain.MAX_TIME, Long.MAX_VALUE);

  @Test
  void shouldOrderFrontiersWithTheEmptyOneLast() {
    for (int i = 0; i < ASCENDING.size(); i++) {
      for (int k = 0; k < ASCENDING.size(); k++) {
        Antichain a = ASCENDING.get(i);
        Antichain b = ASCENDING.get(k);
        assertEquals(Integer.signum(Integer.compare(i, k)), Integer.signum(a.compareTo(b)));
        assertEquals(i <= k, a.lessEqual(b), a + " <= " + b);
        assertEquals(i < k, a.lessThan(b), a + " < " + b);
        assertEquals(i == k, a.equals(b), a + " = " + b);
      }
    }
  }

  @Test
  void shouldAllowLessTimesUnderALaterFrontier() {
    for (Antichain a : ASCENDING) {
      for (Antichain b : ASCENDING) {
        boolean everyTimeOfBIsOneOfA =
            TIMES.stream().allMatch(t -> !b.lessEqual(t) || a.lessEqual(t));
        assertTrue(!a.lessEqual(b) || everyTimeOfBIsOneOfA, a + " and " + b);
      }
    }
  }

  @Test
  void shouldBeALatticeUnderMeetAndJoin() {
    for (Antichain a : ASCENDING) {
      assertEquals(a, Antichain.meet(a, a));
      assertEquals(a, Antichain.join(a, a));
      assertEquals(a, Antichain.meet(a, Antichain.empty()));
      assertEquals(a, Antichain.join(a, Antichain.minimum()));
      for (Antichain b : ASCENDING) {
        assertEquals(Antichain.meet(a, b), Antichain.meet(b, a));
        assertEquals(Antichain.join(a, b), Antichain.join(b, a));
        assertTrue(Antichain.meet(a, b).lessEqual(a) && a.lessEqual(Antichain.join(a, b)));
        assertEquals(a, Antichain.join(a, Antichain.meet(a, b)));
        assertEquals(a, Antichain.meet(a, Antichain.join(a, b)));
        for (Antichain c : ASCENDING) {
          assertEquals(
              Antichain.meet(a, Antichain.meet(b, c)), Antichain.meet(Antichain.meet(a, b), c));
          assertEquals(
              Antichain.join(a, Antichain.join(b, c)), Antichain.join(Antichain.join(a, b), c));
        }
      }
    }
  }

  @Test
  void shouldSayWhichTimesAreStillPossible() {
    assertTrue(Antichain.of(5).lessEqual(5));
    assertTrue(Antichain.of(5).lessEqual(Long.MAX_VALUE));
    assertFalse(Antichain.of(5).lessEqual(4));
    for (long time : TIMES) {
      assertTrue(Antichain.minimum().lessEqual(time));
      assertFalse(Antichain.empty().lessEqual(time));
      assertTrue(Antichain.of(time).lessEqual(time));
    }
  }

  @Test
  void shouldHaveASuccessorForTheGreatestTime() {
    Antichain after = Antichain.of(Antichain.MAX_TIME + 1);
    assertFalse(after.lessEqual(Antichain.MAX_TIME));
    assertTrue(after.lessThan(Antichain.empty()));
  }

  @Test
  void shouldRefuseNegativeTimesAndNotTakeThemForLargeOnes() {
    assertThrows(IllegalArgumentException.class, () -> Antichain.of(-1));
    assertThrows(IllegalArgumentException.class, () -> Antichain.of(Long.MIN_VALUE));
    assertFalse(Antichain.of(1).lessEqual(-1), "a negative time is before every frontier");
    assertFalse(Antichain.minimum().lessEqual(-1));
  }

  @Test
  void shouldHaveNoTimeWhenEmpty() {
    assertTrue(Antichain.empty().isEmpty());
    assertThrows(IllegalStateException.class, () -> Antichain.empty().time());
    assertEquals(7, Antichain.of(7).time());
    assertFalse(Antichain.of(Long.MAX_VALUE).isEmpty());
  }

  @Test
  void shouldBeAValue() {
    assertSame(Antichain.minimum(), Antichain.of(0));
    assertEquals(Antichain.of(9), Antichain.of(9));
    assertEquals(Antichain.of(9).hashCode(), Antichain.of(9).hashCode());
    assertNotEquals(Antichain.minimum(), Antichain.empty());
    assertNotEquals(Antichain.minimum(), (Object) 0L);
    assertEquals("{9}", Antichain.of(9).toString());
    assertEquals("{}", Antichain.empty().toString());
  }
}
