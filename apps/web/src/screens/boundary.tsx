/** The last resort: a defect in a screen shows a sentence and a button instead of an empty window. */
import { Component, type ReactNode } from 'react'
import { useWords } from '../app/state.tsx'
import { Button, Empty } from '@nokkel/ui/parts'
import gate from './gate.module.css'

export class Boundary extends Component<{ readonly children: ReactNode }, { readonly broken: boolean }> {
  override state = { broken: false }

  static getDerivedStateFromError(): { broken: boolean } {
    return { broken: true }
  }

  override render(): ReactNode {
    return this.state.broken ? <Broken /> : this.props.children
  }
}

function Broken(): ReactNode {
  const words = useWords()
  return (
    <main className={gate.gate}>
      <Empty whole icon="warning" title={words.t('web.broken')}>
        <Button look="main" onPress={() => location.reload()}>
          {words.t('web.reload')}
        </Button>
      </Empty>
    </main>
  )
}
