package io.tidemark.launcher.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class FaultLedgerTest {

  private final FaultLedger ledger = new FaultLedger(Set.of(FaultClass.ZOMBIE));

  @Test
  void shouldFailWhatWasNeverInjected() {
    assertEquals(List.of("ZOMBIE was planned and never injected"), ledger.failures());
  }

  @Test
  void shouldFailWhatWasNotSurvived() {
    ledger.injected(FaultClass.ZOMBIE);
    assertEquals(List.of("ZOMBIE: 1 injected, 0 survived"), ledger.failures());
  }

  @Test
  void shouldFailWhatViolatedAnInvariant() {
    ledger.injected(FaultClass.ZOMBIE);
    ledger.survived(FaultClass.ZOMBIE, 7);
    ledger.violated(FaultClass.ZOMBIE, "a row is lost");
    assertEquals(List.of("ZOMBIE: a row is lost"), ledger.failures());
  }

  @Test
  void shouldPassWhatWasSurvived() {
    ledger.injected(FaultClass.ZOMBIE);
    ledger.survived(FaultClass.ZOMBIE, 7);
    assertEquals(List.of(), ledger.failures());
  }

  @Test
  void shouldSayLoudlyWhatWasSkipped() {
    ledger.skipped(FaultClass.ZOMBIE, "no such signal");
    assertEquals(List.of(), ledger.failures());
    assertTrue(ledger.table().contains("SKIPPED (no such signal)"));
  }

  @Test
  void shouldAddWhatAnotherProcessCounted() {
    FaultLedger other = new FaultLedger(Set.of());
    other.injected(FaultClass.ZOMBIE);
    other.survived(FaultClass.ZOMBIE, 40);
    other.violated(FaultClass.HALVES, "two\nlines");
    other.note(FaultClass.HALVES, "a note");
    other.skipped(FaultClass.SPLIT_BRAIN, "no network");
    ledger.add(other.lines());
    assertEquals(other.lines(), ledger.lines());
    assertTrue(ledger.failures().contains("HALVES: two lines"));
  }
}
