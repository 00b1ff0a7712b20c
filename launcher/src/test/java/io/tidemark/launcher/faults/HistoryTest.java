package io.tidemark.launcher.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tidemark.launcher.faults.History.Events;
import io.tidemark.launcher.faults.History.Message;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HistoryTest {

  @TempDir private Path folder;

  @Test
  void shouldReadWhatItWroteAndWhatOthersWrite() throws IOException {
    Path other = folder.resolve("other");
    Files.writeString(other, "sent q 1 3 10\nacked q 1 5 6 11\nsent q 2 1 1");
    try (History history = new History(folder.resolve("history"))) {
      history.include(other);
      history.include(folder.resolve("not there yet"));
      history.sent("p", 1, 2);
      history.acked("p", 1, 7, 8);
      history.sent("p", 2, 4);
      Events events = history.events();
      assertEquals(3, events.sent().size());
      assertEquals(4, events.sent().get(new Message("p", 2)).rows());
      assertEquals(2, events.acked().size());
      assertEquals(8, events.acked().get(new Message("p", 1)).upper());
      assertEquals(5, events.acked().get(new Message("q", 1)).time());
    }
  }
}
