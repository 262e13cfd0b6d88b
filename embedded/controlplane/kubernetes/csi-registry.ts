import type { CsiDriver } from '../csi.ts';
import type { CsiRegistry } from './context.ts';

export function createCsiRegistry(drivers: readonly CsiDriver[]): CsiRegistry {
  const byName = new Map(drivers.map((driver) => [driver.name, driver]));
  const listeners: ((driver: CsiDriver) => void)[] = [];
  return {
    get: (name) => byName.get(name),
    list: () => [...byName.values()],
    register(driver) {
      byName.set(driver.name, driver);
      for (const listener of listeners) {
        listener(driver);
      }
    },
    onRegister(listener) {
      listeners.push(listener);
    },
  };
}
