package io.tidemark.append;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tidemark.environment.SimulatedWorld;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class AnswerWatchTest {

  private static final long MAX_MILLIS = 8_000;

  private final SimulatedWorld world = new SimulatedWorld(1);
  private final List<Long> unanswered = new ArrayList<>();
  private final AnswerWatch watch =
      new AnswerWatch(
          world.environment().timers(), MAX_MILLIS, () -> unanswered.add(world.nowMillis()));
  private final long since = world.nowMillis();

  @Test
  void shouldTellOnceAQuestionHasWaitedForTooLong() {
    watch.asked();
    world.runAll();
    assertEquals(List.of(since + MAX_MILLIS), unanswered);
  }

  @Test
  void shouldCountFromTheFirstQuestionThatWasNotAnswered() {
    watch.asked();
    world.environment().timers().after(MAX_MILLIS / 2, watch::asked);
    world.runAll();
    assertEquals(List.of(since + MAX_MILLIS), unanswered);
  }

  @Test
  void shouldBeQuietAsLongAsThereAreAnswers() {
    watch.asked();
    world.environment().timers().after(MAX_MILLIS - 1, watch::answered);
    world.environment().timers().after(MAX_MILLIS, watch::asked);
    world.environment().timers().after(MAX_MILLIS + 1, watch::answered);
    world.runAll();
    assertEquals(List.of(), unanswered);
  }
}
