export function Retention() { return <p />; }
