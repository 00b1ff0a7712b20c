package io.tidemark.launcher.tools;

import io.tidemark.launcher.cli.CommandException;
import io.tidemark.launcher.cli.ExitCode;
import io.tidemark.launcher.cli.Terminal;
import io.tidemark.location.DryBlob;
import io.tidemark.persist.PersistClient;
import io.tidemark.persist.Restoration;
import io.tidemark.persist.Restoration.Outcome;
import io.tidemark.persist.Restoration.Report;
import io.vertx.core.Future;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code restore}: brings deleted objects back. */
@Command(
    name = "restore",
    description = {
      "Brings back the objects of a collection that were deleted and that its versions name, from a"
          + " store that keeps what was deleted: a bucket with versioning.",
      "Without --commit it changes nothing, and says what it would ask for."
    })
public final class RestoreCommand implements Callable<Integer> {

  private final Terminal terminal;

  @Mixin private StoreOption store = new StoreOption();

  @Parameters(index = "0", paramLabel = "COLLECTION", description = "The collection.")
  private String collection = "";

  @Option(names = "--commit", description = "Does it.")
  private boolean commit;

  public RestoreCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws InterruptedException, IOException {
    Report report = StoreSession.use(store.config(), this::restore);
    if (report.failed() > 0) {
      throw CommandException.failure(
          report.failed()
              + " objects of '"
              + collection
              + "' could not be restored: put them back from a backup");
    }
    Output.print(terminal, List.of(collection + ": " + summary(report)));
    return ExitCode.OK.number();
  }

  private String summary(Report report) {
    if (report.restored() == 0) {
      return "nothing is missing (" + report.named() + " objects are named)";
    }
    return report.restored()
        + (commit
            ? " objects were restored"
            : " objects are missing; --commit restores those that the store has kept");
  }

  private Future<Report> restore(StoreSession session) {
    PersistClient persist = session.persist();
    PersistClient used =
        commit
            ? persist
            : new PersistClient(
                new DryBlob(persist.blob()), persist.consensus(), persist.options());
    return session
        .collections(collection)
        .compose(
            found ->
                new Restoration(used, found.get(0).shard(), session.environment(), this::tell)
                    .run());
  }

  private void tell(Outcome outcome) {
    String done = commit ? "was restored" : "would be restored";
    String what =
        outcome.failure() == null ? done : "cannot be restored (" + outcome.failure() + ")";
    String line = collection + ": " + outcome.key() + " " + what + "; needed for " + outcome.need();
    try {
      Output.print(terminal, List.of(line));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
