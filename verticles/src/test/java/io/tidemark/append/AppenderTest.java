package io.tidemark.append;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.tidemark.append.Appender.Ready;
import io.tidemark.append.Appender.Verdict;
import io.tidemark.persist.Advance;
import io.tidemark.persist.Batch;
import io.tidemark.progress.Antichain;
import io.tidemark.progress.BatchDescription;
import io.tidemark.protocol.Counts;
import io.tidemark.protocol.Messages.Numbered;
import io.tidemark.protocol.Messages.Token;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class AppenderTest {

  private static final AppendSettings SETTINGS = new AppendSettings(100, 3, 1, 1, 1, 1);

  private final Appender appender = new Appender(SETTINGS, Antichain.minimum(), List.of("a", "b"));

  private static BatchDescription range(long number) {
    return new BatchDescription(Antichain.of((number - 1) * 10), Antichain.of(number * 10));
  }

  private static Token token(String writer, long number) {
    return token(writer, number, Map.of());
  }

  private static Token token(String writer, long number, Map<String, Advance> advances) {
    return new Token(
        "orders",
        1,
        writer,
        number,
        Batch.empty(range(number)),
        advances,
        Map.of(writer, "offset " + number),
        new Counts(1, 0, 0, 0, 1));
  }

  @CanIgnoreReturnValue
  private Verdict give(String writer, long number) {
    return give(token(writer, number), 0);
  }

  @CanIgnoreReturnValue
  private Verdict give(Token token, long nowMillis) {
    return appender.token(token, nowMillis);
  }

  /** Mint publishes descriptions up to one, which ask everybody. */
  private void describe(long last) {
    List<Numbered> open =
        LongStream.rangeClosed(appender.committed() + 1, last)
            .mapToObj(number -> new Numbered(number, range(number)))
            .toList();
    assertEquals(Verdict.KEPT, appender.described(open, 0));
  }

  private Verdict ask(long number, String... writers) {
    return appender.described(List.of(new Numbered(number, range(number), List.of(writers))), 0);
  }

  @Test
  void shouldWaitForEveryWriter() {
    describe(1);
    assertEquals(Verdict.KEPT, give("a", 1));
    assertEquals(Verdict.KEPT, give("a", 1), "the same token again");
    assertNull(appender.next());
    assertEquals(Verdict.KEPT, give("b", 1));
    Ready ready = appender.next();
    assertEquals(1, ready.last());
    assertEquals(Antichain.minimum(), ready.append().lower());
    assertEquals(Antichain.of(10), ready.append().upper());
    assertEquals(2, ready.counts().inserts(), "a repeated token counts once");
  }

  @Test
  void shouldWaitOnlyForThoseWhoAreAsked() {
    assertEquals(Verdict.KEPT, ask(1, "b"));
    assertNull(appender.next());
    give("b", 1);
    assertEquals(1, appender.next().counts().inserts());
  }

  @Test
  void shouldAppendWhatNobodyIsAskedFor() {
    assertEquals(Verdict.KEPT, ask(1));
    assertEquals(Antichain.of(10), appender.next().append().upper());
  }

  @Test
  void shouldNotKnowFromTokensAloneWhoIsAsked() {
    give("a", 1);
    give("b", 1);
    assertNull(appender.next());
    assertEquals(Verdict.KEPT, ask(1, "a", "b"));
    assertNotNull(appender.next());
  }

  @Test
  void shouldBreakOnATokenThatWasNotAskedFor() {
    assertEquals(Verdict.KEPT, ask(1, "a"));
    assertEquals(Verdict.BROKEN, give("b", 1));
    assertEquals(Verdict.KEPT, give("a", 2));
    assertEquals(Verdict.BROKEN, ask(2, "b"));
  }

  @Test
  void shouldNotMissAWriterThatIsNotAsked() {
    assertEquals(Verdict.KEPT, ask(1, "a"));
    String overdue = appender.overdue(101);
    assertTrue(overdue.contains("writer a"), overdue);
    give(token("a", 1), 101);
    assertNull(appender.overdue(1_000));
  }

  @Test
  void shouldAppendInOrderAndContiguousOnesTogether() {
    describe(3);
    give("a", 2);
    give("b", 2);
    give("a", 3);
    give("b", 3);
    assertNull(appender.next(), "the first is missing");
    give("b", 1);
    give("a", 1);
    Ready ready = appender.next();
    assertEquals(3, ready.last());
    assertEquals(3, ready.descriptions());
    assertEquals(Antichain.of(30), ready.append().upper());
    assertEquals(Map.of("a", "offset 3", "b", "offset 3"), ready.append().offsets());
  }

  @Test
  void shouldHaveOneAppendUnderWay() {
    describe(2);
    give("a", 1);
    give("b", 1);
    Ready first = appender.next();
    give("a", 2);
    give("b", 2);
    assertNull(appender.next());
    appender.appended(first);
    assertEquals(1, appender.committed());
    assertEquals(Antichain.of(10), appender.upper());
    assertEquals(2, appender.next().last());
    assertEquals(Verdict.COMMITTED, give("a", 1));
  }

  @Test
  void shouldJoinTheAdvancesOfAProducer() {
    describe(2);
    Advance first = new Advance(1, 3, 30, 9, "me");
    Advance second = new Advance(4, 4, 1, 19, "me");
    give(token("a", 1, Map.of("till", first)), 0);
    give(token("a", 2, Map.of("till", second)), 0);
    give("b", 1);
    give("b", 2);
    assertEquals(
        Map.of("till", new Advance(1, 4, 31, 19, "me")), appender.next().append().advances());
  }

  @Test
  void shouldBreakOnWhatContradicts() {
    assertEquals(Verdict.BROKEN, give("stranger", 1));
    Numbered other = new Numbered(1, new BatchDescription(Antichain.minimum(), Antichain.of(5)));
    assertEquals(Verdict.KEPT, give("a", 1));
    assertEquals(Verdict.BROKEN, appender.described(List.of(other), 0));
  }

  @Test
  void shouldHoldOnlySoManyDescriptions() {
    for (long number = 1; number <= SETTINGS.maxPending(); number++) {
      assertEquals(Verdict.KEPT, give("a", number));
    }
    assertEquals(Verdict.BROKEN, give("a", SETTINGS.maxPending() + 1));
  }

  @Test
  void shouldMissAWriterThatIsSilent() {
    assertEquals(Verdict.KEPT, appender.described(List.of(new Numbered(1, range(1))), 0));
    give(token("a", 1), 50);
    assertNull(appender.overdue(100));
    appender.working("b", 1, 80);
    assertNull(appender.overdue(180), "it works on it");
    String overdue = appender.overdue(181);
    assertTrue(overdue.contains("writer b") && overdue.contains("100 ms"), overdue);
    give(token("b", 1), 181);
    assertNull(appender.overdue(1_000));
  }

  @Test
  void shouldNotMindWhatWorksOnNothing() {
    appender.working("b", 9, 0);
    appender.working("stranger", 1, 0);
    assertNull(appender.overdue(1_000));
    assertNotNull(appender.upper());
  }

  @Test
  void shouldRefuseSettingsBelowTheirFloors() {
    assertThrows(IllegalArgumentException.class, () -> new AppendSettings(0, 1, 1, 1, 1, 1));
    assertThrows(IllegalArgumentException.class, () -> new AppendSettings(1, 0, 1, 1, 1, 1));
    assertThrows(IllegalArgumentException.class, () -> new AppendSettings(1, 1, 0, 1, 1, 1));
    assertThrows(IllegalArgumentException.class, () -> new AppendSettings(1, 1, 1, 1, 0, 1));
  }
}
