package io.tidemark.launcher;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Holds the direction of dependencies, and that time, randomness and ids come in from outside. */
class ArchitectureTest {

  private static final Set<String> AMBIENT =
      Set.of(
          "java.lang.System.currentTimeMillis",
          "java.lang.System.nanoTime",
          "java.lang.Thread.sleep",
          "java.lang.Math.random",
          "java.util.UUID.randomUUID",
          "java.util.Random.<init>",
          "java.util.SplittableRandom.<init>",
          "java.security.SecureRandom.<init>",
          "java.util.concurrent.ThreadLocalRandom.current",
          "java.time.Instant.now",
          "java.time.LocalDate.now",
          "java.time.LocalDateTime.now",
          "java.time.ZonedDateTime.now",
          "java.time.Clock.systemUTC",
          "java.time.Clock.systemDefaultZone");

  private static final String[] VERTICLES = {
    "io.tidemark.write..",
    "io.tidemark.mint..",
    "io.tidemark.append..",
    "io.tidemark.lease..",
    "io.tidemark.admin.."
  };

  private final JavaClasses classes =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .withImportOption(location -> !location.contains("-tests.jar"))
          .importPackages("io.tidemark");

  @Test
  void shouldTakeTimeRandomnessAndIdsFromTheEnvironment() {
    noClasses()
        .that()
        .resideInAPackage("io.tidemark.launcher..")
        .should(useTheAmbient())
        .check(classes);
  }

  @Test
  void shouldDependOneWay() {
    noClasses()
        .that()
        .resideOutsideOfPackage("io.tidemark.launcher..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("io.tidemark.launcher..")
        .check(classes);
    noClasses()
        .that()
        .resideInAPackage("io.tidemark.launcher.http..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(VERTICLES)
        .because("HTTP is a face over the bus")
        .check(classes);
    noClasses()
        .that()
        .resideInAPackage("io.tidemark.launcher.cli..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("io.tidemark.launcher.http..", "io.tidemark.persist..")
        .because("commands speak HTTP to a node")
        .check(classes);
  }

  private static ArchCondition<JavaClass> useTheAmbient() {
    return new ArchCondition<>("use ambient time, randomness or ids") {
      @Override
      public void check(JavaClass item, ConditionEvents events) {
        for (JavaAccess<?> access : item.getAccessesFromSelf()) {
          String target =
              access.getTargetOwner().getFullName() + "." + access.getTarget().getName();
          if (AMBIENT.contains(target)) {
            events.add(SimpleConditionEvent.satisfied(item, access.getDescription()));
          }
        }
      }
    };
  }
}
