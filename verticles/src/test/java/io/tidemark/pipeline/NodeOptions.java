package io.tidemark.pipeline;

import io.tidemark.append.AppendSettings;
import io.tidemark.mint.MintSettings;
import io.tidemark.persist.PersistOptions;
import io.tidemark.write.WriterSettings;

/**
 * How a node of a test is made.
 *
 * @param eventLoops how many threads it has for its verticles; 1 where its stores are unreliable
 * @param writers how many write verticles it has
 * @param budgetBytes what its writers may hold together
 * @param maxProducers how many producers a shard remembers
 */
record NodeOptions(
    int eventLoops,
    int writers,
    PersistOptions persist,
    MintSettings mint,
    AppendSettings append,
    WriterSettings writer,
    long budgetBytes,
    int maxProducers) {

  static final NodeOptions DEFAULTS =
      new NodeOptions(
          2,
          2,
          PersistOptions.DEFAULTS,
          MintSettings.DEFAULTS,
          AppendSettings.DEFAULTS,
          WriterSettings.DEFAULTS,
          64 << 20,
          10_000);

  NodeOptions withEventLoops(int count) {
    return new NodeOptions(
        count, writers, persist, mint, append, writer, budgetBytes, maxProducers);
  }

  NodeOptions withWriters(int count) {
    return new NodeOptions(
        eventLoops, count, persist, mint, append, writer, budgetBytes, maxProducers);
  }

  NodeOptions withPersist(PersistOptions options) {
    return new NodeOptions(
        eventLoops, writers, options, mint, append, writer, budgetBytes, maxProducers);
  }

  NodeOptions withMint(MintSettings settings) {
    return new NodeOptions(
        eventLoops, writers, persist, settings, append, writer, budgetBytes, maxProducers);
  }

  NodeOptions withAppend(AppendSettings settings) {
    return new NodeOptions(
        eventLoops, writers, persist, mint, settings, writer, budgetBytes, maxProducers);
  }

  NodeOptions withWriter(WriterSettings settings) {
    return new NodeOptions(
        eventLoops, writers, persist, mint, append, settings, budgetBytes, maxProducers);
  }

  NodeOptions withBudgetBytes(long bytes) {
    return new NodeOptions(eventLoops, writers, persist, mint, append, writer, bytes, maxProducers);
  }

  NodeOptions withMaxProducers(int count) {
    return new NodeOptions(eventLoops, writers, persist, mint, append, writer, budgetBytes, count);
  }
}
