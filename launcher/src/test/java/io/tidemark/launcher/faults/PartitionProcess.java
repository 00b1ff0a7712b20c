package io.tidemark.launcher.faults;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs {@link PartitionMain} where it can reach its nodes, if this machine allows that. */
final class PartitionProcess {

  static final List<FaultClass> CLASSES =
      List.of(
          FaultClass.COORDINATOR_CUT_OFF,
          FaultClass.SPLIT_BRAIN,
          FaultClass.WRITER_CUT_OFF,
          FaultClass.HALVES,
          FaultClass.CONSENSUS_CUT_OFF);

  private final FaultForm form;
  private final FaultLedger ledger;

  PartitionProcess(FaultForm form, FaultLedger ledger) {
    this.form = form;
    this.ledger = ledger;
  }

  void run(Path folder) throws IOException, InterruptedException {
    Namespaces network;
    try {
      network = Namespaces.make(PartitionMain.NODES);
    } catch (IOException e) {
      skip("this machine makes no network namespaces: it takes Linux, root and iproute2: " + e);
      return;
    }
    try (network) {
      Path counted = folder.resolve("ledger");
      Process process =
          new ProcessBuilder(command(network, folder, counted))
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.INHERIT)
              .start();
      try {
        if (!process.waitFor(form.count(12, 60), TimeUnit.MINUTES)) {
          ledger.violated(CLASSES.get(0), "the run of partitions does not end");
        }
      } finally {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        Process unused = process.destroyForcibly();
      }
      if (Files.exists(counted)) {
        ledger.add(Files.readAllLines(counted));
      }
    }
  }

  private void skip(String why) {
    System.out.println("[faults] !!! PARTITIONS ARE SKIPPED: " + why);
    CLASSES.stream().filter(form.only()::contains).forEach(fault -> ledger.skipped(fault, why));
  }

  private List<String> command(Namespaces network, Path folder, Path counted) {
    List<String> command = new ArrayList<>(network.inHub());
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx512m", "-cp", System.getProperty("java.class.path")));
    command.add("-Dlogback.statusListenerClass=ch.qos.logback.core.status.NopStatusListener");
    command.add("-Dtidemark.jar=" + System.getProperty("tidemark.jar"));
    command.add("-D" + NodeImage.PROPERTY + "=" + System.getProperty(NodeImage.PROPERTY));
    command.addAll(form.properties());
    command.addAll(
        List.of(
            PartitionMain.class.getName(),
            network.prefix(),
            folder.toString(),
            counted.toString()));
    return command;
  }
}
