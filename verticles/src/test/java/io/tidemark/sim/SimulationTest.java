package io.tidemark.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.Seeds;
import io.tidemark.sim.Nemesis.Deed;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the whole pipeline through many seeds, each in one thread: {@code -Dseed=N} replays one,
 * {@code -Dsim.seeds=N} runs so many.
 */
class SimulationTest {

  private static final Logger log = LoggerFactory.getLogger(SimulationTest.class);

  /** How many seeds are run unless somebody asks for more. */
  private static final int SEEDS = Integer.getInteger("sim.seeds", 2_000);

  /** A check that is switched off must be missed within so many seeds, far fewer than are run. */
  private static final int SABOTAGED_SEEDS = 100;

  @Test
  void shouldLoseNothingAndDoubleNothingWhateverGoesWrong() throws Exception {
    Map<Deed, Long> deeds = new EnumMap<>(Deed.class);
    long events = 0;
    for (Outcome run : runAll(Seeds.list(SEEDS))) {
      run.deeds().forEach((deed, count) -> deeds.merge(deed, count, Long::sum));
      events += run.events();
    }
    log.info("{} seeds, {} events; injected and survived: {}", SEEDS, events, deeds);
    if (Seeds.replayed() == null) {
      for (Deed deed : Deed.values()) {
        assertTrue(deeds.getOrDefault(deed, 0L) > 0, deed + " was never done");
      }
    }
  }

  @Test
  void shouldDoTheSameForTheSameSeed() {
    for (long seed : Seeds.list(20)) {
      assertEquals(run(seed).fingerprint(), run(seed).fingerprint(), "seed " + seed);
    }
  }

  @ParameterizedTest
  @EnumSource(value = Sabotage.class, mode = EnumSource.Mode.EXCLUDE, names = "NONE")
  void shouldMissACheckThatIsSwitchedOff(Sabotage sabotage) {
    for (long seed = 1; seed <= SABOTAGED_SEEDS; seed++) {
      try {
        new Simulation(seed, sabotage).run();
      } catch (AssertionError | RuntimeException e) {
        log.info("without {} seed {} fails: {}", sabotage, seed, firstLine(e));
        return;
      }
    }
    throw new AssertionError(sabotage + " is switched off, and " + SABOTAGED_SEEDS + " seeds pass");
  }

  private static String firstLine(Throwable e) {
    String text = String.valueOf(e.getMessage());
    return text.substring(0, Math.min(200, text.length()));
  }

  /** What is kept of a run: thousands of whole ones would not fit into memory. */
  private record Outcome(long events, Map<Deed, Long> deeds) {

    static Outcome of(Simulation run) {
      return new Outcome(run.events(), Map.copyOf(run.nemesis().done()));
    }
  }

  /** Runs seeds side by side, one to a thread; a failure names its seed. */
  private static List<Outcome> runAll(List<Long> seeds) throws Exception {
    int threads = Runtime.getRuntime().availableProcessors();
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try {
      AtomicLong next = new AtomicLong();
      List<Outcome> outcomes = new ArrayList<>();
      Callable<Void> worker =
          () -> {
            for (int i = (int) next.getAndIncrement();
                i < seeds.size();
                i = (int) next.getAndIncrement()) {
              Outcome outcome = Outcome.of(run(seeds.get(i)));
              synchronized (outcomes) {
                outcomes.add(outcome);
              }
            }
            return null;
          };
      List<Future<Void>> workers = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        workers.add(pool.submit(worker));
      }
      for (Future<Void> each : workers) {
        Void unused = each.get();
      }
      return outcomes;
    } finally {
      pool.shutdownNow();
    }
  }

  private static Simulation run(long seed) {
    Simulation simulation = new Simulation(seed, Sabotage.NONE);
    try {
      simulation.run();
    } catch (Throwable e) {
      throw new AssertionError("seed " + seed + " failed; replay it with -Dseed=" + seed, e);
    }
    return simulation;
  }
}
