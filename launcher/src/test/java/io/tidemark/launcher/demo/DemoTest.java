package io.tidemark.launcher.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.launcher.cli.CapturedTerminal;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The demo ends with what the flights come to, for us and for DuckDB. */
class DemoTest {

  @TempDir private Path folder;

  @Test
  void shouldPublishEverythingOnceAndCheckItAgain() throws Exception {
    String first = run();
    assertTrue(first.contains("20,000 flights went through the event bus"), first);
    DemoCheck.assertDuckDbAgrees(folder);

    String second = run();
    assertTrue(second.contains("Everything was there already"), second);
    DemoCheck.assertDuckDbAgrees(folder);
  }

  @Test
  void shouldNoticeAnythingMissingOrWrong() {
    List<Flight> flights = Flight.sample();
    ReadBack read = new ReadBack(1, Expected.flights(flights), List.of(), 0);
    assertEquals(0, read.differences(Expected.flights(flights)));
    assertEquals(1, read.differences(Expected.flights(flights.subList(1, flights.size()))));
    read.rows().replaceAll((row, diff) -> row.get(0).equals(7) ? 2L : diff);
    assertEquals(1, read.differences(Expected.flights(flights)));
  }

  private String run() {
    CapturedTerminal terminal = CapturedTerminal.withInput("");
    int exitCode =
        new CommandLine(new DemoCommand(terminal.terminal()))
            .execute("--dir", folder.toString(), "--rate", "0");
    assertEquals(0, exitCode, terminal.out() + terminal.err());
    return terminal.out();
  }
}
