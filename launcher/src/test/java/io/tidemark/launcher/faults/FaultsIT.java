package io.tidemark.launcher.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tidemark.launcher.faults.CrashingFailpoints.Action;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Nothing that was acknowledged is lost, doubled or reordered, whatever happens to the processes,
 * the network and the stores. docs/testing.md says what is tried, and how to repeat it.
 */
class FaultsIT {

  private static final int NODES = 3;
  private static final int PRODUCERS = 4;

  private static final FaultClass[] PROCESSES = {
    FaultClass.KILL_NODE,
    FaultClass.KILL_COORDINATOR,
    FaultClass.MINT_POINTS,
    FaultClass.WRITE_POINTS,
    FaultClass.APPEND_POINTS,
    FaultClass.ZOMBIE,
    FaultClass.ROLLING_RESTART,
    FaultClass.POSTGRES_KILLED,
    FaultClass.POSTGRES_REPLY_LOST,
    FaultClass.TWO_CLUSTERS
  };

  private static final int S3_NODES = 2;

  private static final FaultClass[] S3 = {
    FaultClass.S3_KILLED, FaultClass.S3_FROZEN, FaultClass.S3_REPLY_LOST
  };

  private final FaultForm form = FaultForm.ofProperties();
  private final FaultLedger ledger = new FaultLedger(form.only());
  private final Path target = Path.of("target", "faults").toAbsolutePath();

  @Test
  void shouldKeepWhatWasAcknowledgedThroughEveryFault() throws Exception {
    System.out.println("[faults] " + form);
    Path folder = fresh();
    try {
      inject(folder);
    } finally {
      String table = form + "\n\n" + ledger.table();
      Files.writeString(target.resolve("table.txt"), table);
      System.out.println(table);
    }
    assertEquals(List.of(), ledger.failures(), () -> "logs are in " + folder + "; " + form);
    delete(folder);
  }

  private void inject(Path folder) throws Exception {
    Path image = folder.resolve("image");
    NodeImage.make(image);
    System.setProperty(NodeImage.PROPERTY, image.toString());
    if (form.plans(PROCESSES)) {
      processes(folder.resolve("processes"));
    }
    if (form.plans(PartitionProcess.CLASSES.toArray(FaultClass[]::new))) {
      new PartitionProcess(form, ledger).run(Files.createDirectories(folder.resolve("partitions")));
    }
    if (form.plans(S3)) {
      s3(Files.createDirectories(folder.resolve("s3")));
    }
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(each);
      }
    }
  }

  /** A folder of this run alone; that of one that failed is kept until somebody cleans. */
  private Path fresh() throws IOException {
    Files.createDirectories(target);
    return Files.createTempDirectory(target, "run-");
  }

  private void processes(Path folder) throws Exception {
    Files.createDirectories(folder);
    try (Network network = Network.loopback(NODES + 1);
        PostgresStore postgres = new PostgresStore("127.0.0.1", folder.resolve("data"))) {
      SharedStore store = postgres.store();
      ProcessCluster.Plan plan =
          new ProcessCluster.Plan(
              "processes", FaultRun.COLLECTION, folder, store, network.places());
      try (FaultRun run = new FaultRun(form, ledger, plan, NODES, PRODUCERS);
          BusPublisherProcess publisher =
              new BusPublisherProcess(plan, network.places().get(NODES), "bus")) {
        run.history().include(publisher.history());
        run.complain(publisher::failedAppends);
        publisher.awaitPublishing();
        processes(run, postgres);
      }
    }
  }

  private void processes(FaultRun run, PostgresStore postgres) throws Exception {
    if (form.plans(FaultClass.KILL_NODE, FaultClass.KILL_COORDINATOR)) {
      new Kills(run).run(form.count(4, 32));
    }
    if (form.plans(FaultClass.MINT_POINTS, FaultClass.WRITE_POINTS, FaultClass.APPEND_POINTS)) {
      CrashPoints points = new CrashPoints(run, postgres.proxy());
      for (int round = 0; round < form.count(1, 3); round++) {
        points.run(Action.HALT);
      }
      if (form.isLong()) {
        points.run(Action.FREEZE);
        points.run(Action.THROW);
      }
    }
    if (form.plans(FaultClass.ZOMBIE)) {
      new Zombies(run).run(form.count(1, 12));
    }
    if (form.plans(FaultClass.ROLLING_RESTART)) {
      new RollingRestart(run).run(form.count(1, 4));
    }
    PostgresFaults faults = new PostgresFaults(run, postgres.server(), postgres.proxy());
    if (form.plans(FaultClass.POSTGRES_KILLED)) {
      faults.kills(form.count(1, 12));
    }
    if (form.plans(FaultClass.POSTGRES_REPLY_LOST)) {
      faults.lostReplies(form.count(2, 40));
    }
    if (form.plans(FaultClass.TWO_CLUSTERS)) {
      for (int round = 0; round < form.count(1, 4); round++) {
        new TwoClusters(run, postgres.store()).run();
      }
    }
  }

  private void s3(Path folder) throws Exception {
    try (Network network = Network.loopback(S3_NODES);
        S3Store s3 = new S3Store(folder)) {
      ProcessCluster.Plan plan =
          new ProcessCluster.Plan("s3", FaultRun.COLLECTION, folder, s3.store(), network.places());
      try (FaultRun run = new FaultRun(form, ledger, plan, S3_NODES, PRODUCERS)) {
        S3Faults faults = new S3Faults(run, s3.server(), s3.proxy());
        if (form.plans(FaultClass.S3_KILLED)) {
          faults.kills(form.count(1, 10));
        }
        if (form.plans(FaultClass.S3_FROZEN)) {
          faults.freezes(form.count(1, 10));
        }
        if (form.plans(FaultClass.S3_REPLY_LOST)) {
          faults.lostReplies(form.count(1, 10));
        }
      }
    }
  }
}
