package io.tidemark.pipeline;

import io.tidemark.append.AppendSettings;
import io.tidemark.client.SessionSettings;
import io.tidemark.environment.Retry;
import io.tidemark.mint.MintSettings;
import io.tidemark.persist.PersistOptions;
import io.tidemark.write.WriterSettings;

/** Settings that bring about what a test is about soon. */
final class Settings {

  private Settings() {}

  static MintSettings heartbeat(long millis) {
    return new MintSettings(4, 0, 32 << 10, 25, millis, 50, 2_000, 300, 3_000, 250, 5_000);
  }

  /** Looks after writers often, and gives them little time. */
  static MintSettings impatientMint() {
    return new MintSettings(4, 0, 32 << 10, 25, 10_000, 50, 300, 100, 200, 50, 2_000);
  }

  static AppendSettings changes(long bytes) {
    return new AppendSettings(10_000, 64, 20, 2_000, 8_000, bytes);
  }

  static AppendSettings impatientAppend() {
    return new AppendSettings(700, 64, 5, 100, 1_000, 64 << 10);
  }

  /** Puts everything into parts, small ones. */
  static PersistOptions parts(long partBytes) {
    return new PersistOptions(
        1,
        64 << 10,
        1 << 20,
        256 << 10,
        1024,
        1,
        partBytes,
        2,
        128,
        2048,
        PersistOptions.DEFAULTS.producerRetentionMillis(),
        new Retry.Policy(4, 1_000, 30_000));
  }

  /** Gives stores up soon. */
  static PersistOptions impatientStores() {
    return new PersistOptions(
        1_000,
        4_000,
        64 << 10,
        32 << 10,
        64,
        8_000,
        16_000,
        2,
        16,
        64,
        PersistOptions.DEFAULTS.producerRetentionMillis(),
        new Retry.Policy(2, 30, 300));
  }

  static WriterSettings impatientWriter() {
    return new WriterSettings(
        1 << 20,
        8 << 20,
        10_000,
        256,
        200,
        50,
        2_000,
        new SessionSettings(16 << 20, 1 << 16, 1_000, 25_000, 5, 100));
  }
}
