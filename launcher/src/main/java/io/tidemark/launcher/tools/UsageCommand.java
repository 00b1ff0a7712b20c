package io.tidemark.launcher.tools;

import io.tidemark.catalog.CollectionSpec;
import io.tidemark.environment.Loop;
import io.tidemark.launcher.cli.CommandException;
import io.tidemark.launcher.cli.ExitCode;
import io.tidemark.launcher.cli.Sizes;
import io.tidemark.launcher.cli.Terminal;
import io.tidemark.launcher.cli.TextTable;
import io.tidemark.persist.ShardUsage;
import io.tidemark.persist.ShardUsage.Amount;
import io.tidemark.persist.ShardUsage.Report;
import io.tidemark.persist.ShardUsage.Standing;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code usage}: what takes the room in the stores. */
@Command(
    name = "usage",
    description = {
      "Shows what takes the room in the stores: for each collection what its contents are made of,"
          + " what only its past needs, what is on its way, and what is garbage.",
      "It works at the stores themselves, whether nodes run or not, and changes nothing."
    })
public final class UsageCommand implements Callable<Integer> {

  private static final List<String> COLUMNS =
      List.of("current", "history", "rollups", "inFlight", "garbage", "foreign", "versions");

  private final Terminal terminal;

  @Mixin private StoreOption store = new StoreOption();

  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "COLLECTION",
      description = "The collection (default: all, and what belongs to none).")
  private @Nullable String collection;

  @Option(names = "--json", description = "Prints it as JSON.")
  private boolean json;

  public UsageCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  /** What there is of one name. */
  private record Row(String name, @Nullable String shard, Report report) {}

  @Override
  public Integer call() throws InterruptedException, IOException {
    List<Row> rows =
        StoreSession.use(
            store.config(),
            session -> session.collections(collection).compose(found -> all(session, found)));
    Output.print(terminal, json ? List.of(json(rows).encodePrettily()) : table(rows));
    for (Row row : rows) {
      if (row.report().standing() == Standing.UNREADABLE) {
        throw CommandException.failure(
            "the state of '" + row.name() + "' cannot be read: 'check' says why");
      }
    }
    return ExitCode.OK.number();
  }

  private Future<List<Row>> all(StoreSession session, List<CollectionSpec> collections) {
    ArrayDeque<CollectionSpec> left = new ArrayDeque<>(collections);
    List<Row> rows = new ArrayList<>();
    return Loop.whileTrue(
            () -> {
              CollectionSpec next = left.poll();
              return next == null
                  ? Future.succeededFuture(false)
                  : new ShardUsage(session.persist(), next.shard(), session.environment())
                      .run()
                      .map(report -> rows.add(new Row(next.name(), next.shard().text(), report)));
            })
        .compose(
            done ->
                collection == null
                    ? new OtherShards(session).run(collections)
                    : Future.succeededFuture(List.<OtherShards.Other>of()))
        .map(
            others -> {
              others.forEach(other -> rows.add(new Row(other.name(), null, other.report())));
              return rows;
            });
  }

  private static List<Amount> amounts(Report report) {
    return List.of(
        report.current(),
        report.history(),
        report.rollups(),
        report.inFlight(),
        report.garbage(),
        report.foreign(),
        report.versions());
  }

  private static List<String> table(List<Row> rows) {
    List<String> header = new ArrayList<>(List.of("collection"));
    header.addAll(COLUMNS);
    header.set(header.indexOf("inFlight"), "in flight");
    List<List<String>> lines = new ArrayList<>();
    for (Row row : rows) {
      List<String> cells = new ArrayList<>(List.of(row.name()));
      amounts(row.report()).forEach(amount -> cells.add(shown(amount)));
      lines.add(cells);
    }
    return TextTable.lines(header, lines);
  }

  private static String shown(Amount amount) {
    return amount.count() == 0 ? "-" : amount.count() + ", " + Sizes.shown(amount.bytes());
  }

  private static JsonObject json(List<Row> rows) {
    JsonArray all = new JsonArray();
    for (Row row : rows) {
      JsonObject each = new JsonObject().put("name", row.name()).put("shard", row.shard());
      List<Amount> amounts = amounts(row.report());
      for (int i = 0; i < COLUMNS.size(); i++) {
        Amount amount = amounts.get(i);
        each.put(
            COLUMNS.get(i),
            new JsonObject().put("count", amount.count()).put("bytes", amount.bytes()));
      }
      all.add(each);
    }
    return new JsonObject().put("collections", all);
  }
}
