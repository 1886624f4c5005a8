/** The unit ids of Grafana that a dashboard of clusters has use for. */
const known = new Set(
  `none short string bool percent percentunit sishort locale
   bits bytes kbytes mbytes gbytes tbytes decbits decbytes deckbytes decmbytes decgbytes dectbytes
   binbps bps binBps Bps Kbits KiBs Kibits KBs Mbits MiBs Mibits MBs Gbits GiBs Gibits GBs pps
   ops reqps rps wps iops cps opm rpm mps recps
   hertz rotrpm ns µs ms s m h d dtdurationms dtdurations clockms clocks timeticks
   dateTimeAsIso dateTimeAsIsoNoDateIfToday dateTimeFromNow dateTimeAsUS dateTimeAsLocal
   watt kwatt megwatt mwatt watth watthperkg kwatth joule volt amp celsius fahrenheit kelvin
   bool_yes_no bool_on_off`
    .split(/\s+/)
    .filter((unit) => unit !== ''),
);

/** Whether Grafana shows a unit of that id as more than a bare text; custom units name their kind. */
export function isKnownUnit(unit: string): boolean {
  return known.has(unit) || /^(prefix|suffix|time|si|count|currency|bool):./.test(unit);
}
