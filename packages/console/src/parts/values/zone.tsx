import { createContext, type ComponentChildren } from 'preact';
import { useCallback, useContext, useState } from 'preact/hooks';
import { zoneName } from '../../format/time';

interface Zone {
  /** In which all times are shown: of the IANA list. */
  zone: string;
  choose: (zone: string) => void;
}

const KEY = 'bud-monitoring.zone';
const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
const choices = [...new Set([own, 'UTC'])];

const Context = createContext<Zone>({ zone: 'UTC', choose: () => undefined });

/** The zone of all times, by choice; the choice is kept in this browser. */
export function ZoneProvider({ children }: { children: ComponentChildren }) {
  const [zone, setZone] = useState(() => {
    const kept = localStorage.getItem(KEY);
    return kept !== null && choices.includes(kept) ? kept : own;
  });
  const choose = useCallback((chosen: string) => {
    localStorage.setItem(KEY, chosen);
    setZone(chosen);
  }, []);
  return <Context.Provider value={{ zone, choose }}>{children}</Context.Provider>;
}

export const useZone = (): Zone => useContext(Context);

/** Says the zone, and lets it be chosen where there is a choice. */
export function ZoneChoice() {
  const { zone, choose } = useZone();
  const label = (one: string) => {
    const name = zoneName(one, Date.now() / 1000);
    return name === one ? one : `${name}, ${one}`;
  };
  if (choices.length === 1) return <span>{label(zone)}</span>;
  return (
    <select
      class="field zone-choice"
      aria-label="Time zone"
      value={zone}
      onChange={(event) => choose(event.currentTarget.value)}
    >
      {choices.map((one) => (
        <option key={one} value={one}>
          {label(one)}
        </option>
      ))}
    </select>
  );
}
