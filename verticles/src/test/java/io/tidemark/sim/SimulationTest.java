package io.tidemark.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.Seeds;
import io.tidemark.environment.CrashPoint;
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
import java.util.function.LongFunction;
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

  /** How many seeds nodes come and go in, and nothing goes wrong. */
  private static final int CALM_SEEDS = Math.max(1, SEEDS / 80);

  /** A check that is switched off must be missed within so many seeds, far fewer than are run. */
  private static final int SABOTAGED_SEEDS = 100;

  @Test
  void shouldLoseNothingAndDoubleNothingWhateverGoesWrong() throws Exception {
    Map<Deed, Long> deeds = new EnumMap<>(Deed.class);
    Map<CrashPoint, Long> reached = new EnumMap<>(CrashPoint.class);
    long events = 0;
    double planned = 0;
    double fenced = 0;
    Reads reads = Reads.NONE;
    for (Outcome run : runAll(Seeds.list(SEEDS), SimulationTest::run)) {
      run.deeds().forEach((deed, count) -> deeds.merge(deed, count, Long::sum));
      run.reached().forEach((point, count) -> reached.merge(point, count, Long::sum));
      events += run.events();
      planned += run.planned();
      fenced += run.fenced();
      reads = reads.plus(run.reads());
    }
    log.info("{} seeds, {} events; injected and survived: {}", SEEDS, events, deeds);
    log.info("{} planned changes of epochs, {} coordinators fenced, {}", planned, fenced, reads);
    if (Seeds.replayed() == null) {
      assertTrue(planned > 0 && fenced > 0, "no epoch was changed, or nobody was fenced");
      assertTrue(reads.compared() > 0 && reads.lapsed() > 0, "no contents compared, no lease lost");
      for (CrashPoint point : CrashPoint.values()) {
        assertTrue(reached.getOrDefault(point, 0L) > 0, point + " was never reached");
      }
      for (Deed deed : Deed.values()) {
        assertTrue(deeds.getOrDefault(deed, 0L) > 0, deed + " was never done");
      }
    }
  }

  @Test
  void shouldFailNoRequestWhileNodesComeAndGo() throws Exception {
    double planned = 0;
    for (Outcome run : runAll(Seeds.list(CALM_SEEDS), SimulationTest::runCalm)) {
      planned += run.planned();
    }
    log.info("{} calm seeds, {} planned changes of epochs", CALM_SEEDS, planned);
    assertTrue(planned > 0 || Seeds.replayed() != null, "no epoch was changed");
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
  private record Outcome(
      long events,
      Map<Deed, Long> deeds,
      Map<CrashPoint, Long> reached,
      double planned,
      double fenced,
      Reads reads) {

    static Outcome of(Simulation run) {
      return new Outcome(
          run.events(),
          Map.copyOf(run.nemesis().done()),
          Map.copyOf(run.cluster().reached()),
          run.cluster().counted("tidemark.epochs.planned"),
          run.cluster().counted("tidemark.fenced"),
          run.reads());
    }
  }

  /** Runs seeds side by side, one to a thread; a failure names its seed. */
  private static List<Outcome> runAll(List<Long> seeds, LongFunction<Simulation> run)
      throws Exception {
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
              Outcome outcome = Outcome.of(run.apply(seeds.get(i)));
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
    return run(seed, new Simulation(seed, Sabotage.NONE));
  }

  private static Simulation runCalm(long seed) {
    return run(seed, Simulation.calm(seed));
  }

  private static Simulation run(long seed, Simulation simulation) {
    try {
      simulation.run();
    } catch (Throwable e) {
      throw new AssertionError("seed " + seed + " failed; replay it with -Dseed=" + seed, e);
    }
    return simulation;
  }
}
