package io.tidemark.location.sqlite;

import io.tidemark.location.Consensus;
import io.tidemark.location.ConsensusContract;
import io.tidemark.location.RealEnvironment;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class SqliteConsensusTest extends ConsensusContract {

  @TempDir Path directory;

  @Override
  protected Consensus open(String location) {
    return SqliteConsensus.open(
        directory.resolve("deep").resolve(location),
        RealEnvironment.ENTROPY,
        RealEnvironment.CLOCK);
  }
}
