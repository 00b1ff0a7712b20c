package io.tidemark.launcher.faults;

import java.io.IOException;
import java.nio.file.Files;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A second cluster is configured with the stores of the first: both coordinate one shard. */
final class TwoClusters {

  private static final long BOTH_MILLIS = 10_000;
  private static final long TOLD_SECONDS = 60;

  /** What the one that was fenced has to say: that there is another cluster, and who. */
  private static final Pattern TOLD =
      Pattern.compile("two clusters write the shard of '" + FaultRun.COLLECTION + "': .*");

  private final FaultRun run;
  private final SharedStore store;

  TwoClusters(FaultRun run, SharedStore store) {
    this.run = run;
    this.store = store;
  }

  /** Lets a second cluster of one node loose on the shard, under load of its own, and stops it. */
  void run() throws IOException {
    var folder = Files.createDirectories(run.folder().resolve("second"));
    try (Network network = Network.loopback(1);
        ProcessCluster second =
            new ProcessCluster(
                new ProcessCluster.Plan(
                    "second-" + run.form().seed(),
                    FaultRun.COLLECTION,
                    folder,
                    store,
                    network.places()),
                1)) {
      run.fault(
          FaultClass.TWO_CLUSTERS,
          () -> {
            int[] logged = run.cluster().logged();
            second.start();
            HttpLoad more = run.load("second", second.urls(), 2);
            Deadline.pause(BOTH_MILLIS);
            Deadline.await(
                TOLD_SECONDS,
                () -> "neither says that there are two: " + run.cluster().tails() + second.tails(),
                () -> told(second, logged).find());
            Matcher told = told(second, logged);
            if (told.find()) {
              System.out.println("[faults] two clusters: " + told.group());
            }
            more.end();
            long nanos = System.nanoTime();
            second.kill();
            return nanos;
          });
    }
  }

  /** What either says from when the second was started: of other epochs they spoke before. */
  private Matcher told(ProcessCluster second, int[] logged) {
    return TOLD.matcher(run.cluster().logs(logged) + second.logs(new int[1]));
  }
}
