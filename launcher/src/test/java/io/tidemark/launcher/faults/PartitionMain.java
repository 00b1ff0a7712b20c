package io.tidemark.launcher.faults;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;

/**
 * Partitions, in a process of their own: it runs in the hub of the namespaces, from where it
 * reaches every node, and is told by arguments what the parent knows. What it counts goes to a
 * file.
 */
public final class PartitionMain {

  static final int NODES = 3;
  private static final int PRODUCERS = 4;
  private static final int LONG_ROUNDS = 4;

  private PartitionMain() {}

  /** Arguments: the prefix of the namespaces, the folder of the run, the file for the ledger. */
  public static void main(String[] args) throws Exception {
    FaultForm form = FaultForm.ofProperties();
    FaultLedger ledger = new FaultLedger(Set.of());
    Path folder = Path.of(args[1]);
    Namespaces network = Namespaces.of(args[0], NODES);
    try {
      run(form, ledger, folder, network);
    } catch (Exception | AssertionError e) {
      e.printStackTrace(System.out);
      ledger.violated(FaultClass.COORDINATOR_CUT_OFF, "the run of partitions broke off: " + e);
    }
    Files.write(Path.of(args[2]), ledger.lines());
    System.exit(0); // the server and the nodes end with it
  }

  private static void run(FaultForm form, FaultLedger ledger, Path folder, Namespaces network)
      throws Exception {
    try (PostgresStore postgres =
            new PostgresStore(Namespaces.hubAddress(), folder.resolve("data"));
        FaultRun run =
            new FaultRun(
                form,
                ledger,
                new ProcessCluster.Plan(
                    "partitions", FaultRun.COLLECTION, folder, postgres.store(), network.places()),
                NODES,
                PRODUCERS)) {
      Partitions partitions = new Partitions(run, network);
      for (int round = 0; round < form.count(1, LONG_ROUNDS); round++) {
        partitions.round(form.only()::contains);
      }
    }
  }
}
