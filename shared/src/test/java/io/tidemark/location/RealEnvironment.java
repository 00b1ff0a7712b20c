package io.tidemark.location;

import io.tidemark.environment.Clock;
import io.tidemark.environment.Entropy;
import io.tidemark.environment.Offload;
import io.vertx.core.Future;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;

/** Time, randomness and threads as they are, for the tests of stores that use a real disk. */
public final class RealEnvironment {

  /** The clocks of this machine. */
  public static final Clock CLOCK =
      new Clock() {
        @Override
        public long wallMillis() {
          return System.currentTimeMillis();
        }

        @Override
        public long monotonicNanos() {
          return System.nanoTime();
        }
      };

  /** Randomness that nothing replays. */
  public static final Entropy ENTROPY = () -> ThreadLocalRandom.current().nextLong();

  private RealEnvironment() {}

  /** Randomness that is the same for the same seed. For one thread. */
  public static Entropy seeded(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    return random::nextLong;
  }

  /** Runs work on a few threads of its own, until it is closed. */
  public static final class Threads implements Offload, AutoCloseable {

    private final ExecutorService executor = Executors.newFixedThreadPool(4);

    @Override
    public <T> Future<T> call(Callable<T> work) {
      Completion<T> completion = new Completion<>();
      executor.execute(
          () -> {
            T result;
            try {
              result = work.call();
            } catch (Exception e) {
              completion.fail(e);
              return;
            }
            completion.succeed(result);
          });
      return completion.future();
    }

    @Override
    public void close() {
      executor.shutdown();
    }
  }
}
