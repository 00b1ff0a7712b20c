package io.tidemark.launcher.tools;

import io.tidemark.catalog.CollectionSpec;
import io.tidemark.environment.Loop;
import io.tidemark.launcher.cli.CommandException;
import io.tidemark.launcher.cli.ExitCode;
import io.tidemark.launcher.cli.Sizes;
import io.tidemark.launcher.cli.Terminal;
import io.tidemark.persist.CheckReport;
import io.tidemark.persist.Finding;
import io.tidemark.persist.ShardCheck;
import io.vertx.core.Future;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code check}: whether the stores hold what they should. */
@Command(
    name = "check",
    description = {
      "Reads everything that the stores hold of a collection, or of all, and says what is wrong:"
          + " versions, rollups, batches, every part, and rows that were retracted too often.",
      "It works at the stores themselves, whether nodes run or not, and changes nothing."
    })
public final class CheckCommand implements Callable<Integer> {

  private final Terminal terminal;

  @Mixin private StoreOption store = new StoreOption();

  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "COLLECTION",
      description = "The collection (default: all).")
  private @Nullable String collection;

  public CheckCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  /** What has come of it so far. */
  private static final class Tally {
    private int checked;
    private int unsound;
    private int unsettled;
  }

  @Override
  public Integer call() throws InterruptedException {
    Tally tally =
        StoreSession.use(
            store.config(),
            session -> session.collections(collection).compose(found -> checkAll(session, found)));
    if (tally.unsound > 0) {
      throw CommandException.failure(
          tally.unsound + " of " + tally.checked + " collections are not sound");
    }
    if (tally.unsettled > 0) {
      throw new CommandException(
          ExitCode.UNAVAILABLE,
          tally.unsettled
              + " of "
              + tally.checked
              + " collections changed faster than they could be read: check them when less is going"
              + " on");
    }
    return ExitCode.OK.number();
  }

  private Future<Tally> checkAll(StoreSession session, List<CollectionSpec> collections) {
    ArrayDeque<CollectionSpec> left = new ArrayDeque<>(collections);
    Tally tally = new Tally();
    return Loop.whileTrue(
            () -> {
              CollectionSpec next = left.poll();
              return next == null
                  ? Future.succeededFuture(false)
                  : check(session, next).map(report -> tell(next.name(), report, tally));
            })
        .map(tally);
  }

  private static Future<CheckReport> check(StoreSession session, CollectionSpec each) {
    return new ShardCheck(session.persist(), each.shard(), session.environment(), session.reading())
        .run();
  }

  private boolean tell(String name, CheckReport report, Tally tally) {
    tally.checked++;
    tally.unsound += report.isSound() ? 0 : 1;
    tally.unsettled += report.settled() ? 0 : 1;
    for (Finding finding : report.findings()) {
      print(name + ": " + finding.line());
    }
    if (report.untold() > 0) {
      print(name + ": and " + report.untold() + " more");
    }
    if (report.isSound() && report.settled()) {
      print(name + ": " + sound(report));
    }
    return true;
  }

  private static String sound(CheckReport report) {
    return report.versions() == 0
        ? "nothing was ever written"
        : String.format(
            "sound (%d versions, %d rollups, %d batches, %d parts of %s)",
            report.versions(),
            report.rollups(),
            report.batches(),
            report.parts(),
            Sizes.shown(report.bytes()));
  }

  /** At once: a check may take long. */
  private void print(String line) {
    try {
      Output.print(terminal, List.of(line));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
