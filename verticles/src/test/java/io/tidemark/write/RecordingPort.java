package io.tidemark.write;

import io.tidemark.persist.Batch;
import io.tidemark.progress.Antichain;
import io.tidemark.protocol.Messages.Numbered;
import io.tidemark.protocol.Messages.Token;
import io.tidemark.row.UpdateBlock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Notes what an epoch's writer asks of the world; a real budget says whether there is memory. */
final class RecordingPort implements EpochWriter.Port {

  final MemoryBudget budget;
  final List<UpdateBlock> staged = new ArrayList<>();
  final List<Runnable> taken = new ArrayList<>();
  final List<Numbered> cuts = new ArrayList<>();
  final List<Token> tokens = new ArrayList<>();
  final List<Long> working = new ArrayList<>();
  final List<String> asked = new ArrayList<>();
  final List<String> ended = new ArrayList<>();
  final List<Map<Integer, Antichain>> frontiers = new ArrayList<>();
  boolean slow;

  RecordingPort(long budgetBytes) {
    this.budget = new MemoryBudget(budgetBytes);
  }

  @Override
  public boolean reserve(long bytes) {
    return budget.reserve(bytes);
  }

  @Override
  public void stage(UpdateBlock rows, Runnable done) {
    staged.add(rows);
    if (slow) {
      taken.add(done);
    } else {
      done.run();
    }
  }

  @Override
  public void cut(Numbered numbered) {
    cuts.add(numbered);
  }

  /** Tells the writer that the batch of its last cut is complete. */
  void complete(EpochWriter writer, Numbered numbered) {
    writer.batch(numbered.number(), Batch.empty(numbered.description()));
  }

  @Override
  public void send(Token token) {
    tokens.add(token);
  }

  @Override
  public void working(long number) {
    working.add(number);
  }

  @Override
  public void whereIs(String producer) {
    asked.add(producer);
  }

  @Override
  public void endEpoch(String reason) {
    ended.add(reason);
  }

  @Override
  public void frontiers(Map<Integer, Antichain> said) {
    frontiers.add(said);
  }
}
