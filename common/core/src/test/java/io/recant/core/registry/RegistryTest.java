package io.recant.core.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.recant.core.config.Setting;
import io.recant.core.config.Strategy;
import io.recant.core.error.ConfigException;
import org.junit.jupiter.api.Test;

class RegistryTest {

  /** A kind with two extensions, listed in the test resources. */
  public interface Animal<S extends Record> extends Extension<S> {}

  /** A kind with two extensions of one name. */
  public interface Twin extends Extension<None> {}

  /** A kind without extensions. */
  public interface Absent extends Extension<None> {}

  /** Settings of an animal. */
  public record Legs(@Setting(value = "Legs", defaultValue = "4", min = 0, max = 8) int legs) {}

  /** No settings. */
  public record None() {}

  /** Base of the extensions here. */
  abstract static class Named<S extends Record> implements Extension<S> {

    private final String name;
    private final Class<S> settings;

    Named(String name, Class<S> settings) {
      this.name = name;
      this.settings = settings;
    }

    @Override
    public String name() {
      return name;
    }

    @Override
    public String summary() {
      return "A test extension.";
    }

    @Override
    public String source() {
      return "";
    }

    @Override
    public Class<S> settings() {
      return settings;
    }
  }

  /** An animal. */
  public static final class Zebra extends Named<Legs> implements Animal<Legs> {
    public Zebra() {
      super("zebra", Legs.class);
    }
  }

  /** An animal. */
  public static final class Ant extends Named<None> implements Animal<None> {
    public Ant() {
      super("ant", None.class);
    }
  }

  /** One of two. */
  public static final class FirstTwin extends Named<None> implements Twin {
    public FirstTwin() {
      super("twin", None.class);
    }
  }

  /** The other of two. */
  public static final class SecondTwin extends Named<None> implements Twin {
    public SecondTwin() {
      super("twin", None.class);
    }
  }

  private final Registry<Animal<?>> animals = Registry.load(Animal.class, "animal");

  @Test
  void findsServicesOrderedByName() {
    assertThat(animals.all()).extracting(Extension::name).containsExactly("ant", "zebra");
    assertThat(animals.kind()).isEqualTo("animal");
    assertThat(Registry.<Absent>load(Absent.class, "absent").all()).isEmpty();
  }

  @Test
  void unknownNameSaysWhoAskedAndTheNearest() {
    assertThatThrownBy(() -> animals.get("zbera", "detect.animals[0]"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContainingAll(
            "detect.animals[0]: there is no animal 'zbera'",
            "did you mean 'zebra'?",
            "(valid: ant, zebra)");
  }

  @Test
  void bindsTheSettingsOfTheExtension() {
    Configured<Animal<?>> zebra = animals.configure(strategy("zebra", "legs", 3), "animals[0]");

    assertThat(zebra.settingsAs(Legs.class)).isEqualTo(new Legs(3));
    assertThat(zebra.name()).isEqualTo("zebra");
    assertThatThrownBy(() -> zebra.settingsAs(None.class)).isInstanceOf(ClassCastException.class);
  }

  @Test
  void wrongSettingsNameTheirPlace() {
    assertThatThrownBy(() -> animals.configure(strategy("zebra", "leg", 3), "animals[0]"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("unknown key 'animals[0].leg'");
    assertThatThrownBy(() -> animals.configure(strategy("zebra", "legs", 9), "animals[0]"))
        .hasMessageContaining("animals[0].legs: 9 is outside [0, 8]");
    assertThatThrownBy(() -> animals.configure(strategy("ant", "legs", 6), "animals[0]"))
        .hasMessageContaining("nothing is allowed here");
  }

  @Test
  void twoOfOneNameAreAProgrammersError() {
    assertThatThrownBy(() -> Registry.load(Twin.class, "twin"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContainingAll("two twins are named 'twin'", "FirstTwin", "SecondTwin");
  }

  private static Strategy strategy(String name, String key, int value) {
    ObjectNode settings = JsonNodeFactory.instance.objectNode().put(key, value);
    return new Strategy(name, settings);
  }
}
