package io.tidemark.launcher.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.launcher.faults.Checker.Stored;
import io.tidemark.launcher.faults.History.Acked;
import io.tidemark.launcher.faults.History.Events;
import io.tidemark.launcher.faults.History.Message;
import io.tidemark.launcher.faults.History.Sent;
import io.tidemark.persist.ShardLog.Entry;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A checker that has never found anything is none: bad histories, written by hand. */
class CheckerTest {

  private static final Message FIRST = new Message("p", 1);
  private static final Message SECOND = new Message("p", 2);
  private static final Message OTHER = new Message("q", 1);

  private final Checker checker = new Checker();
  private final Events events = Events.none();
  private final List<StoredRow> rows = new ArrayList<>();
  private final List<Entry> log = new ArrayList<>();

  /** Two messages of one producer, one of another; the last one was not acknowledged. */
  CheckerTest() {
    events.sent().put(FIRST, new Sent(2, 100));
    events.sent().put(SECOND, new Sent(1, 300));
    events.sent().put(OTHER, new Sent(1, 110));
    events.acked().put(FIRST, new Acked(5, 6, 200));
    events.acked().put(SECOND, new Acked(8, 9, 400));
    rows.add(row(FIRST, 0, 2, 5));
    rows.add(row(FIRST, 1, 2, 5));
    rows.add(row(SECOND, 0, 1, 8));
    rows.add(row(OTHER, 0, 1, 5));
    log.add(new Entry(0, 11, 0, -1, -1));
    log.add(new Entry(1, 12, 1, -1, -1));
    log.add(new Entry(2, 13, 0, 0, 6));
    log.add(new Entry(3, 14, 2, -1, -1));
    log.add(new Entry(4, 15, 0, 6, 9));
  }

  private static StoredRow row(Message message, int index, int of, long time) {
    return row(message, index, of, time, 1);
  }

  private static StoredRow row(Message message, int index, int of, long time, long diff) {
    String text = StoredRow.text(message.producer(), message.sequence(), index);
    return new StoredRow(message, index, of, text, time, diff);
  }

  private List<String> check() {
    return check(9, 2);
  }

  private List<String> check(long upper, long epoch) {
    return checker.check(
        events, new Stored(List.copyOf(rows), List.copyOf(log), upper, epoch), events);
  }

  private void assertFinds(String kind) {
    List<String> found = check();
    assertTrue(found.stream().anyMatch(each -> each.startsWith(kind + ":")), found::toString);
  }

  @Test
  void shouldPassAGoodHistoryTwice() {
    assertEquals(List.of(), check());
    assertEquals(List.of(), check());
  }

  @Test
  void shouldPassWhatWasNeitherAcknowledgedNorStored() {
    assertTrue(rows.removeIf(row -> row.message().equals(OTHER)));
    assertEquals(List.of(), check());
  }

  @Test
  void shouldFindALostMessage() {
    assertTrue(rows.removeIf(row -> row.message().equals(SECOND)));
    assertFinds("lost");
  }

  @Test
  void shouldFindADuplicatedRow() {
    rows.add(row(OTHER, 0, 1, 5));
    assertFinds("duplicated");
  }

  @Test
  void shouldFindARowOfAnotherMultiplicity() {
    rows.set(3, row(OTHER, 0, 1, 5, 2));
    assertFinds("duplicated");
    rows.set(3, row(OTHER, 0, 1, 5, -1));
    assertFinds("duplicated");
  }

  @Test
  void shouldFindARowThatWasTakenBack() {
    rows.add(row(OTHER, 0, 1, 5, -1));
    assertFinds("torn");
  }

  @Test
  void shouldFindAPhantom() {
    rows.add(row(new Message("p", 3), 0, 1, 8));
    assertFinds("phantom");
  }

  @Test
  void shouldFindATornMessage() {
    rows.remove(1);
    assertFinds("torn");
  }

  @Test
  void shouldFindAMessageAtTwoTimes() {
    rows.set(1, row(FIRST, 1, 2, 6));
    assertFinds("torn");
  }

  @Test
  void shouldFindAGarbledRow() {
    rows.set(2, new StoredRow(SECOND, 0, 1, "else", 8, 1));
    assertFinds("garbled");
  }

  @Test
  void shouldPassARepeatThatIsToldTheNewestCommitOfItsProducer() {
    events.acked().put(FIRST, new Acked(8, 9, 450));
    assertEquals(List.of(), check());
  }

  @Test
  void shouldFindAMessageAfterTheAcknowledgedTime() {
    events.acked().put(SECOND, new Acked(5, 6, 400));
    assertFinds("moved");
  }

  @Test
  void shouldFindAnotherTimeThanTheAcknowledgedOne() {
    rows.set(2, row(SECOND, 0, 1, 7));
    assertFinds("moved");
  }

  @Test
  void shouldFindAnAcknowledgementBeforeTheUpper() {
    events.acked().put(SECOND, new Acked(8, 8, 400));
    assertFinds("early");
  }

  @Test
  void shouldFindARowPastTheUpper() {
    rows.set(3, row(OTHER, 0, 1, 9));
    assertFinds("beyond");
  }

  @Test
  void shouldFindAGapOfAProducer() {
    assertTrue(rows.removeIf(row -> row.message().equals(FIRST)));
    assertFinds("gap");
  }

  @Test
  void shouldFindReorderedMessages() {
    rows.set(2, row(SECOND, 0, 1, 4));
    assertFinds("reordered");
  }

  @Test
  void shouldFindWhatIsBeforeWhatWasAcknowledgedBeforeIt() {
    events.sent().put(OTHER, new Sent(1, 450));
    assertFinds("stale");
  }

  @Test
  void shouldFindAMissingVersion() {
    log.remove(3);
    assertFinds("versions");
  }

  @Test
  void shouldFindAVersionThatIsGone() {
    assertEquals(List.of(), check());
    log.remove(4);
    assertFinds("versions");
  }

  @Test
  void shouldFindAVersionThatWasWonTwice() {
    assertEquals(List.of(), check());
    log.set(4, new Entry(4, 16, 0, 6, 9));
    assertFinds("rewritten");
  }

  @Test
  void shouldFindBatchesThatDoNotTile() {
    log.set(4, new Entry(4, 15, 0, 7, 9));
    assertFinds("tiling");
    log.set(4, new Entry(4, 15, 0, 5, 9));
    assertFinds("tiling");
  }

  @Test
  void shouldFindAnUpperThatGoesBackAlongTheVersions() {
    log.add(new Entry(5, 17, 0, 9, 8));
    assertFinds("regressed");
  }

  @Test
  void shouldFindAnUpperThatGoesBackBetweenTwoReads() {
    assertEquals(List.of(), check(20, 2));
    assertFinds("regressed");
  }

  @Test
  void shouldFindAnEpochThatDoesNotRise() {
    log.set(3, new Entry(3, 14, 1, -1, -1));
    assertFinds("epochs");
    assertEquals(List.of("epochs"), kinds(check(9, 2)));
  }

  @Test
  void shouldFindAnEpochThatGoesBackBetweenTwoReads() {
    assertEquals(List.of(), check(9, 3));
    assertFinds("regressed");
  }

  @Test
  void shouldBoundWhatItReportsOfAKind() {
    for (int i = 0; i < 2 * Checker.MAX_OF_A_KIND; i++) {
      rows.add(row(new Message("x", i), 0, 1, 8));
    }
    assertEquals(
        Checker.MAX_OF_A_KIND,
        check().stream().filter(each -> each.startsWith("phantom:")).count());
  }

  private static List<String> kinds(List<String> found) {
    return found.stream().map(each -> each.substring(0, each.indexOf(':'))).distinct().toList();
  }
}
