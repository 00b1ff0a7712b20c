package io.tidemark.launcher.tools;

import io.tidemark.catalog.Catalog;
import io.tidemark.catalog.CollectionSpec;
import io.tidemark.environment.Environment;
import io.tidemark.environment.VertxEnvironment;
import io.tidemark.launcher.cli.CommandException;
import io.tidemark.launcher.cli.ExitCode;
import io.tidemark.launcher.config.ConfigException;
import io.tidemark.launcher.config.NodeConfig;
import io.tidemark.launcher.node.Stores;
import io.tidemark.location.ExternalException;
import io.tidemark.persist.PersistClient;
import io.tidemark.persist.PersistOptions;
import io.tidemark.persist.SnapshotOptions;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The stores of a configuration, opened for one command.
 *
 * @param environment of the context that the command's work runs on
 */
record StoreSession(NodeConfig config, Environment environment, PersistClient persist) {

  /** As many parts are read and decoded at once, at most. */
  private static final int WORKER_THREADS = 4;

  private static final int BLOCK_UPDATES = 1 << 14;

  /**
   * Opens the stores, works, and closes them. Blocks.
   *
   * @throws CommandException if a store cannot be opened or does not answer, or the work fails
   */
  static <T> T use(NodeConfig config, Function<StoreSession, Future<T>> work)
      throws InterruptedException {
    Vertx vertx = Vertx.vertx();
    try {
      Environment environment =
          VertxEnvironment.of(
              vertx, vertx.createSharedWorkerExecutor("tidemark-tools", WORKER_THREADS));
      return await(onContext(vertx, config, environment, work));
    } finally {
      await(vertx.close());
    }
  }

  private static <T> Future<T> onContext(
      Vertx vertx,
      NodeConfig config,
      Environment environment,
      Function<StoreSession, Future<T>> work) {
    Context context = vertx.getOrCreateContext();
    Promise<T> result = Promise.promise();
    context.runOnContext(
        now ->
            Stores.open(config.store(), vertx, environment)
                .compose(stores -> worked(config, stores, environment, work))
                .onComplete(result));
    return result.future();
  }

  private static <T> Future<T> worked(
      NodeConfig config,
      Stores stores,
      Environment environment,
      Function<StoreSession, Future<T>> work) {
    PersistClient persist =
        new PersistClient(stores.blob(), stores.consensus(), PersistOptions.DEFAULTS);
    return Future.<Void>succeededFuture()
        .compose(begun -> work.apply(new StoreSession(config, environment, persist)))
        .eventually(() -> environment.offload().call(() -> closed(stores)));
  }

  private static @Nullable Void closed(Stores stores) {
    stores.closing().run();
    return null;
  }

  private static <T> T await(Future<T> future) throws InterruptedException {
    try {
      return future.toCompletionStage().toCompletableFuture().get();
    } catch (ExecutionException e) {
      throw told(e.getCause());
    }
  }

  private static CommandException told(@Nullable Throwable cause) {
    if (cause instanceof CommandException known) {
      return known;
    }
    String text = cause == null ? "" : String.valueOf(cause.getMessage());
    if (cause instanceof ConfigException) {
      return CommandException.usage(text);
    }
    return cause instanceof ExternalException
        ? new CommandException(ExitCode.UNAVAILABLE, text)
        : CommandException.failure(text.isEmpty() ? String.valueOf(cause) : text);
  }

  /**
   * The collections to work at, by name.
   *
   * @param only the one; null for all
   */
  Future<List<CollectionSpec>> collections(@Nullable String only) {
    return new Catalog(persist.consensus(), environment, persist.options().retry())
        .read()
        .map(all -> only == null ? List.copyOf(all.values()) : List.of(found(all, only)));
  }

  private CollectionSpec found(Map<String, CollectionSpec> all, String name) {
    CollectionSpec collection = all.get(name);
    if (collection == null) {
      throw CommandException.failure(
          "there is no collection '" + name + "' in " + config.store().shownConsensus());
    }
    return collection;
  }

  /** What telling rows apart may use. */
  SnapshotOptions reading() {
    return new SnapshotOptions(
        config.snapshot().memoryBytes(), config.snapshot().spillFolder(), BLOCK_UPDATES, 0);
  }
}
