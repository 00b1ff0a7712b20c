package io.tidemark.persist;

import io.tidemark.location.Blob;
import io.tidemark.location.Consensus;
import io.tidemark.persist.AppendOutcome.SequenceMismatch;

/**
 * Shards whose appends lack a check, on purpose: a simulation that does not notice is worth
 * nothing.
 */
public final class BrokenAppends {

  private BrokenAppends() {}

  /** Appends that do not recognise what they have applied already. */
  public static PersistClient withoutToken(Blob blob, Consensus consensus, PersistOptions options) {
    return new PersistClient(
        blob,
        consensus,
        options,
        (writer, token, append, bounds) ->
            new CompareAndAppend(writer, token, append, bounds) {
              @Override
              boolean isApplied(String lastToken) {
                return false;
              }
            });
  }

  /** Appends by whoever comes, of whatever epoch. */
  public static PersistClient withoutFence(Blob blob, Consensus consensus, PersistOptions options) {
    return new PersistClient(
        blob,
        consensus,
        options,
        (writer, token, append, bounds) ->
            new CompareAndAppend(writer, token, append, bounds) {
              @Override
              boolean fences() {
                return false;
              }
            });
  }

  /** Appends of messages whatever was committed before. */
  public static PersistClient withoutSequence(
      Blob blob, Consensus consensus, PersistOptions options) {
    return new PersistClient(
        blob,
        consensus,
        options,
        (writer, token, append, bounds) ->
            new CompareAndAppend(writer, token, append, bounds) {
              @Override
              SequenceMismatch sequenceMismatch(ShardState state) {
                return null;
              }
            });
  }
}
