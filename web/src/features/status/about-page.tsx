import { Page, Section } from '../../ui/block.tsx';

export function AboutPage() {
  return (
    <Page title="About">
      <Section title="Andvari">
        <p>
          An open-source trading system: exact money, no lost or doubled effect, a deterministic matching engine.
          Licensed under Apache-2.0.
        </p>
      </Section>
      <Section title="With thanks">
        <p>
          Charts are drawn by{' '}
          <a href="https://www.tradingview.com/lightweight-charts/" rel="noopener noreferrer">
            TradingView Lightweight Charts™
          </a>
          , copyright © TradingView, Inc., Apache-2.0. The letters are Inter, SIL Open Font License 1.1.
        </p>
      </Section>
    </Page>
  );
}
